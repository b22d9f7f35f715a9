// A second opinion on the twin of Tron: the library that wallets use builds, signs and sends
// transfers to it, and judges by its own code what the twin answers. It says nothing about Tron.
//
//   node check.mjs <URL of a running twin> <address of its USDT>
//
// The key is the first of the well-known test keys; the twin's example gives its account funds.
import assert from 'node:assert/strict';
import { TronWeb, Trx, utils } from 'tronweb';

const [url, usdt] = process.argv.slice(2);
const key = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const tronWeb = new TronWeb({ fullHost: url, privateKey: key });
const own = tronWeb.defaultAddress.base58;
const payee = TronWeb.address.fromPrivateKey('07'.repeat(32));
const { txCheck, txJsonToPb, txPbToRawDataHex, txPbToTxID } = utils.transaction;
const patienceMs = 60_000;
let checks = 0;

function check(what, run) {
    run();
    checks += 1;
    console.log(`ok  ${what}`);
}

/** Looks again until there is an answer that is one. */
async function eventually(what, look) {
    for (const end = Date.now() + patienceMs; Date.now() < end;) {
        const answer = await look();
        if (answer) return answer;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${what} did not come to pass`);
}

/** The receipt, once it is in a solid block. */
const solid = (txid) => eventually(`${txid} in a solid block`, async () => {
    const info = await tronWeb.trx.getTransactionInfo(txid);
    return info.blockNumber && info;
});

async function units(address) {
    const parameters = [{ type: 'address', value: address }];
    const options = { confirmed: true };
    const answer = await tronWeb.transactionBuilder.triggerConstantContract(
        usdt, 'balanceOf(address)', options, parameters, own);
    return BigInt(`0x${answer.constant_result[0]}`);
}

/** What the node says of a transaction, encoded anew by tronweb, is the same transaction. */
function judge(what, transaction) {
    check(`${what}: its JSON is its bytes`, () => {
        assert.equal(txCheck(transaction), true);
        const message = txJsonToPb(transaction);
        assert.equal(txPbToRawDataHex(message).toLowerCase(), transaction.raw_data_hex);
        assert.equal(txPbToTxID(message).replace(/^0x/, ''), transaction.txID);
    });
}

async function sendTokens(what, amount, options, broadcast) {
    const before = await units(payee);
    const parameters = [{ type: 'address', value: payee }, { type: 'uint256', value: amount }];
    const { transaction } = await tronWeb.transactionBuilder.triggerSmartContract(
        usdt, 'transfer(address,uint256)', { feeLimit: 40_000_000, callValue: 0, ...options },
        parameters, own);
    judge(`${what}, as built`, transaction);
    const signed = await tronWeb.trx.sign(transaction);
    await taken(what, signed, await broadcast(signed));
    const info = await solid(signed.txID);
    check(`${what}: the receipt`, () => {
        assert.equal(info.receipt.result, 'SUCCESS');
        assert.equal(info.result, undefined);
        assert.equal(BigInt(`0x${info.contractResult[0]}`), 0n, 'USDT returns false');
        assert.equal(info.log.length, 1);
        assert.equal(`41${info.log[0].address}`, TronWeb.address.toHex(usdt).toLowerCase());
        assert.equal(BigInt(`0x${info.log[0].data}`), BigInt(amount));
    });
    const after = await units(payee);
    check(`${what}: the balance`, () => assert.equal(after - before, BigInt(amount)));
}

async function taken(what, signed, answer) {
    check(`${what}: the node takes it`, () => {
        assert.equal(answer.result, true, JSON.stringify(answer));
        assert.equal(answer.txid, signed.txID);
    });
    const known = await eventually(what, async () => {
        const found = await tronWeb.trx.getTransaction(signed.txID).catch(() => undefined);
        return found?.ret && found;
    });
    judge(`${what}, as the node has it`, known);
    check(`${what}: who signed it`, () => {
        assert.deepEqual(known.signature, signed.signature.map((one) => one.toLowerCase()));
        assert.equal(Trx.ecRecover(known), own);
    });
}

async function sendTrx(what) {
    const before = await tronWeb.trx.getBalance(payee);
    const transaction = await tronWeb.transactionBuilder.sendTrx(payee, 5_000_000, own);
    judge(`${what}, as built`, transaction);
    const signed = await tronWeb.trx.sign(transaction);
    await taken(what, signed, await tronWeb.trx.sendRawTransaction(signed));
    const info = await solid(signed.txID);
    check(`${what}: the receipt`, () => assert.equal(info.receipt.result, undefined));
    const after = await tronWeb.trx.getBalance(payee);
    check(`${what}: the balance`, () => assert.equal(after - before, 5_000_000));
}

async function sendForged(what) {
    const transaction = await tronWeb.transactionBuilder.sendTrx(payee, 1, own);
    const foreign = await tronWeb.trx.sign(transaction, '09'.repeat(32)).catch((error) => error);
    check(`${what}: tronweb itself will not`, () => assert.ok(!foreign.txID));
    const signed = await tronWeb.trx.sign(transaction);
    signed.signature[0] = `${'11'.repeat(64)}00`;
    const answer = await tronWeb.trx.sendRawTransaction(signed);
    check(`${what}: the node refuses it`, () => assert.equal(answer.code, 'SIGERROR'));
}

const byHex = (signed) => {
    const message = txJsonToPb(signed);
    signed.signature.forEach((one) => {
        message.addSignature(Uint8Array.from(Buffer.from(one.replace(/^0x/, ''), 'hex')));
    });
    return tronWeb.trx.sendHexTransaction(Buffer.from(message.serializeBinary()).toString('hex'));
};

await eventually('a solid block', async () => {
    const block = await tronWeb.trx.getConfirmedCurrentBlock();
    return block.block_header.raw_data.number > 0;
});
await sendTokens('USDT, built by the node', 1_500_000, {},
    (signed) => tronWeb.trx.sendRawTransaction(signed));
await sendTokens('USDT, built locally and sent as bytes', 2_500_000, { txLocal: true }, byHex);
await sendTrx('TRX');
await sendForged('A forged signature');
console.log(`tronweb ${TronWeb.version} agrees with the twin in ${checks} checks`);
