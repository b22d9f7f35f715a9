// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// A double of Tether's token on Ethereum, for the private test chain only. What callers trip over
/// is kept: nothing is returned, only senders are blacklisted, destroyed funds leave no Transfer,
/// a fee may be taken on the way, and `mint` (Tether's `issue`) leaves no Transfer either.
contract TestUsdt {
    string public name;
    string public symbol;
    uint8 public constant decimals = 6;
    uint256 public totalSupply;
    address public owner;
    bool public paused;
    uint256 public basisPointsRate;
    uint256 public maximumFee;
    /// Whether the fee's Transfer is logged before the recipient's.
    bool public feeFirst;
    /// Whether an overdraft burns all gas, as the `assert` of solidity 0.4 did.
    bool public burnsGas;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public isBlackListed;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Issue(uint256 amount);
    event Params(uint256 feeBasisPoints, uint256 maxFee);
    event AddedBlackList(address user);
    event RemovedBlackList(address user);
    event DestroyedBlackFunds(address blackListedUser, uint256 balance);
    event Pause();
    event Unpause();

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }

    constructor(string memory name_, string memory symbol_, uint256 supply) {
        name = name_;
        symbol = symbol_;
        owner = msg.sender;
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 value) public {
        move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) public {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            spend(allowed >= value);
            allowance[from][msg.sender] = allowed - value;
        }
        move(from, to, value);
    }

    function approve(address spender, uint256 value) public {
        require(value == 0 || allowance[msg.sender][spender] == 0);
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    /// Several transfers, and so several logs, in one transaction. Not Tether's.
    function batch(address[] calldata to, uint256[] calldata values) external {
        require(to.length == values.length);
        for (uint256 i = 0; i < to.length; i++) {
            move(msg.sender, to[i], values[i]);
        }
    }

    function mint(address to, uint256 value) external onlyOwner {
        totalSupply += value;
        balanceOf[to] += value;
        emit Issue(value);
    }

    function setPaused(bool value) external onlyOwner {
        paused = value;
        if (value) emit Pause();
        else emit Unpause();
    }

    function addBlackList(address user) external onlyOwner {
        isBlackListed[user] = true;
        emit AddedBlackList(user);
    }

    function removeBlackList(address user) external onlyOwner {
        isBlackListed[user] = false;
        emit RemovedBlackList(user);
    }

    function destroyBlackFunds(address user) external onlyOwner {
        require(isBlackListed[user]);
        uint256 funds = balanceOf[user];
        balanceOf[user] = 0;
        totalSupply -= funds;
        emit DestroyedBlackFunds(user, funds);
    }

    function setParams(uint256 basisPoints, uint256 maxFee) external onlyOwner {
        basisPointsRate = basisPoints;
        maximumFee = maxFee;
        emit Params(basisPoints, maxFee);
    }

    function setFeeFirst(bool value) external onlyOwner {
        feeFirst = value;
    }

    function setBurnsGas(bool value) external onlyOwner {
        burnsGas = value;
    }

    function move(address from, address to, uint256 value) private {
        require(!paused);
        require(!isBlackListed[from]);
        spend(balanceOf[from] >= value);
        uint256 fee = (value * basisPointsRate) / 10000;
        if (fee > maximumFee) fee = maximumFee;
        balanceOf[from] -= value;
        balanceOf[to] += value - fee;
        balanceOf[owner] += fee;
        if (fee > 0 && feeFirst) emit Transfer(from, owner, fee);
        emit Transfer(from, to, value - fee);
        if (fee > 0 && !feeFirst) emit Transfer(from, owner, fee);
    }

    function spend(bool covered) private view {
        if (covered) return;
        if (burnsGas) {
            assembly {
                invalid()
            }
        }
        revert();
    }
}
